"""Who speaks next: the message priorities of Speech Dispatcher as a pure state machine. No clocks, threads or sound.

Source: the Speech Dispatcher manual, "Message Priority Model", and the server's behaviour. A new utterance

    priority       stops what is spoken, if that is    drops what waits, if that is    waits behind
    important      message, text, notif., progress     notification, progress          important
    message        text, notification, progress        text, notification, progress    important, message
    text           text                                text, notification, progress    important, message
    notification   notification                        notification; itself, while     everything
                                                       anything else is spoken
    progress       notification                        progress                        everything

What was stopped by another is not resumed. Of a series of progress utterances the last is never lost: where it would
be dropped it becomes a message instead, and only a newer progress utterance replaces it. Among those that wait, the
higher priority comes first, then the older.

A client that is paused speaks nothing until it resumes; its utterances are held: nothing drops them but the client
itself. What was paused in the middle is held with the last index mark it passed and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from speechd_neural.records import dataclass
from speechd_neural.types import Priority

Client = Hashable


@dataclass(slots=True)
class Entry:
    """`id` is unique; `order` is when it was said; `mark` where it goes on after a pause."""

    id: int
    client: Client
    priority: Priority
    order: int = 0
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """Speak it, from behind the mark `after`, or from its beginning."""

    id: int
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Stop speaking it at once, for good."""

    id: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop speaking it at once; it will be started again, or dropped."""

    id: int
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """It will not be spoken any more; it is not being spoken now."""

    id: int


Action = Start | Silence | Hold | Drop

P = Priority
_STOPS = {
    P.IMPORTANT: {P.MESSAGE, P.TEXT, P.NOTIFICATION, P.PROGRESS},
    P.MESSAGE: {P.TEXT, P.NOTIFICATION, P.PROGRESS},
    P.TEXT: {P.TEXT},
    P.NOTIFICATION: {P.NOTIFICATION},
    P.PROGRESS: {P.NOTIFICATION},
}
_DROPS = {
    P.IMPORTANT: {P.NOTIFICATION, P.PROGRESS},
    P.MESSAGE: {P.TEXT, P.NOTIFICATION, P.PROGRESS},
    P.TEXT: {P.TEXT, P.NOTIFICATION, P.PROGRESS},
    P.NOTIFICATION: {P.NOTIFICATION},
    P.PROGRESS: {P.PROGRESS},
}


class Scheduler:
    """Every method returns what is to be done, in order. At most one utterance is being spoken at any time."""

    def __init__(self) -> None:
        self.current: Entry | None = None
        # By priority, and in each by the order in which they were said: ten thousand may wait.
        self._waiting: dict[Priority, dict[int, Entry]] = {priority: {} for priority in Priority}
        self._series: list[Entry] = []  # progress utterances that became messages
        self._held: dict[Client, list[Entry]] = {}  # its keys are the clients that are paused
        self._count = 0

    @property
    def waiting(self) -> int:
        """How many wait, those of paused clients included."""
        return sum(map(len, self._waiting.values())) + sum(map(len, self._held.values()))

    def paused(self, client: Client) -> bool:
        return client in self._held

    @property
    def any_paused(self) -> bool:
        return bool(self._held)

    def speak(self, id: int, client: Client, priority: Priority) -> list[Action]:
        """A new utterance has been said."""
        self._count += 1
        new = Entry(id, client, priority, self._count)
        if client in self._held:
            self._held[client].append(new)
            return []
        current = self.current
        actions: list[Action] = []
        for dropped in _DROPS[priority]:
            queue, self._waiting[dropped] = self._waiting[dropped], {}
            if dropped is P.PROGRESS and priority is not P.PROGRESS:
                for utterance in queue.values():
                    utterance.priority = P.MESSAGE
                    self._series.append(utterance)
                self._wait(list(queue.values()))
            else:
                actions += [Drop(utterance.id) for utterance in queue.values()]
        if priority is P.PROGRESS:
            replaced = [self._waiting[P.MESSAGE].pop(utterance.order, None) for utterance in self._series]
            actions += [Drop(utterance.id) for utterance in replaced if utterance is not None]
            self._series = [u for u, r in zip(self._series, replaced, strict=True) if r is None and self._lives(u)]
        if priority is P.NOTIFICATION and current is not None and current.priority is not P.NOTIFICATION:
            return [*actions, Drop(id)]
        if current is not None and current.priority in _STOPS[priority]:
            actions.append(Silence(current.id))
            self.current = None
        self._wait([new])
        return actions + self._next()

    def ended(self, id: int) -> list[Action]:
        """An utterance came to its end by itself, or failed. One that is not being spoken is none of our business."""
        if self.current is None or self.current.id != id:
            return []
        self.current = None
        return self._next()

    def reached(self, id: int, mark: str) -> None:
        """The sound of an utterance has passed an index mark."""
        if self.current is not None and self.current.id == id:
            self.current.mark = mark

    def stop(self, client: Client) -> list[Action]:
        """SSIP STOP: end what is being spoken, if it is this client's."""
        return self._end(lambda utterance: utterance.client == client, waiting=False)

    def stop_utterance(self, id: int) -> list[Action]:
        """End this one, wherever it is."""
        return self._end(lambda utterance: utterance.id == id)

    def cancel(self, client: Client) -> list[Action]:
        """SSIP CANCEL: end what is being spoken, if it is this client's, and empty its queue."""
        return self._end(lambda utterance: utterance.client == client)

    def cancel_all(self) -> list[Action]:
        """SSIP CANCEL ALL."""
        return self._end(lambda _: True)

    def pause(self, client: Client) -> list[Action]:
        """SSIP PAUSE: silence this client until it resumes."""
        if client in self._held:
            return []
        held = self._held[client] = self._take(lambda utterance: utterance.client == client)
        current = self.current
        if current is None or current.client != client:
            return []
        held.append(current)
        self.current = None
        return [Hold(current.id, current.mark), *self._next()]

    def pause_all(self) -> list[Action]:
        """Pause every client that has something to say."""
        clients = dict.fromkeys(u.client for queue in self._waiting.values() for u in queue.values())
        if self.current is not None:
            # The one being spoken last of all, or each would be started just to be held.
            clients.pop(self.current.client, None)
            clients[self.current.client] = None
        return [action for client in clients for action in self.pause(client)]

    def resume(self, client: Client) -> list[Action]:
        """SSIP RESUME. What was held takes its old place in the queue; it interrupts nobody."""
        self._wait(self._held.pop(client, []))
        return self._next()

    def resume_all(self) -> list[Action]:
        self._wait([utterance for held in self._held.values() for utterance in held])
        self._held.clear()
        return self._next()

    def forget(self, client: Client) -> list[Action]:
        """The client is gone."""
        actions = self.cancel(client)
        self._held.pop(client, None)
        return actions

    def _end(self, chosen: Callable[[Entry], bool], waiting: bool = True) -> list[Action]:
        actions: list[Action] = []
        if waiting:
            actions += [Drop(utterance.id) for utterance in self._take(chosen)]
            for client, held in self._held.items():
                actions += [Drop(utterance.id) for utterance in held if chosen(utterance)]
                self._held[client] = [utterance for utterance in held if not chosen(utterance)]
        if self.current is not None and chosen(self.current):
            actions.append(Silence(self.current.id))
            self.current = None
        return actions + self._next()

    def _wait(self, utterances: list[Entry]) -> None:
        for utterance in utterances:
            self._waiting[utterance.priority][utterance.order] = utterance
        for priority in {utterance.priority for utterance in utterances}:
            queue = self._waiting[priority]
            if len(utterances) > 1 or utterances[0].order != self._count:  # else it is the newest of all
                self._waiting[priority] = dict(sorted(queue.items()))

    def _take(self, chosen: Callable[[Entry], bool]) -> list[Entry]:
        """Remove those from the queues."""
        taken = []
        for priority, queue in self._waiting.items():
            taken += [utterance for utterance in queue.values() if chosen(utterance)]
            self._waiting[priority] = {o: utterance for o, utterance in queue.items() if not chosen(utterance)}
        return taken

    def _lives(self, utterance: Entry) -> bool:
        return utterance is self.current or utterance in self._held.get(utterance.client, ())

    def _next(self) -> list[Action]:
        if self.current is None:
            for queue in self._waiting.values():
                if queue:
                    self.current = queue.pop(next(iter(queue)))
                    return [Start(self.current.id, self.current.mark)]
        return []
