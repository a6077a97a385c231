"""Speech for everyone in this process: what the frontends call. All of it belongs to the event loop.

    speech.stream(request, client=..., icons=False)    sound for a listener that plays it
        -> Stream: `async for event in stream`, the last one is End, Stopped, Paused or Failed. Audio events come at
           most about a second ahead of what has been taken: not taking is how to slow it down.
           `.cancel()` ends it with Stopped, `.pause()` with Paused(last mark taken); both at once and only once.
           The streams of one client are made one after another (client=None: each by itself, all at the same time).

    speech.play(request, client=...)      sound through the daemon's own device, ordered by the priorities
        -> Events: the same iteration without Audio; may be ignored. Paused is not its end: after a resume
           another Begin follows. The last one is End, Stopped or Failed.
        speech.stop(client)      SSIP STOP: ends what is being played, if it is this client's
        speech.cancel(client)    SSIP CANCEL: ends all that this client has playing or waiting; None: everybody's
        speech.pause(client)     None: everybody. Holds also what is said later, until
        speech.resume(client)    goes on at the index mark where it paused
        speech.forget(client)    the client is gone: cancels what it has, streams too, and drops its settings

    speech.settings(client)                 a client's own defaults (Settings); they only fill what it does not say
    speech.configure(client, settings)
    speech.voices()     -> list[VoiceInfo]: what can be spoken with now; empty while no voice is loaded
    speech.state()      -> "speaking", "paused" or "idle"
    speech.statistics() -> dict of numbers and names, see `status`
    speech.on_change(callback)    called on the loop when voices() or state() may have changed

A client is any hashable name that is its own: a connection object, a D-Bus unique name.
"""
