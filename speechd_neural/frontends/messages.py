"""Requests and events as the JSON objects of the protocol (`wire`), and back. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from speechd_neural.errors import UsageError
from speechd_neural.frontends.wire import MAX_FRAME
from speechd_neural.types import (
    ACCEPTED,
    PLAIN,
    Begin,
    End,
    Event,
    Failed,
    Icon,
    Kind,
    MarkReached,
    Paused,
    Priority,
    Request,
    Settings,
    Stopped,
    WordReached,
    clamp,
)

MAX_ID = (1 << 32) - 1


def speak_message(request: Request, *, play: bool = False) -> dict[str, Any]:
    """The "speak" object for a request; only settings that differ from the defaults are sent."""
    settings = {
        f.name: getattr(request.settings, f.name)
        for f in fields(Settings)
        if getattr(request.settings, f.name) != getattr(PLAIN, f.name)
    }
    return {
        "do": "speak",
        "id": request.id,
        "text": request.text,
        "kind": str(request.kind),
        "settings": settings,
        "priority": request.priority.name.lower(),
        "private": request.private,
        "play": play,
    }


def check_length(text: str) -> None:
    """Raises UsageError where a text would fit in no frame of the socket, however it came."""
    if 4 * len(text) > MAX_FRAME and (size := len(text.encode("utf-8", "surrogatepass"))) > MAX_FRAME:
        raise UsageError(f"a text of {size} bytes; at most {MAX_FRAME} are accepted")


def read_settings(values: Mapping[str, Any], base: Settings = PLAIN) -> Settings:
    """`base` with what a JSON object says; out of range is clamped, an unknown name is ignored (a newer client).

    Raises UsageError that names the setting and what is accepted.
    """
    result: dict[str, Any] = {}
    for name, value in values.items():
        accepts = ACCEPTED.get(name)
        if accepts is None:
            continue
        if isinstance(accepts, tuple):
            if value is not None or getattr(PLAIN, name) is not None:
                result[name] = clamp(_number(f"settings.{name}", value), accepts)
        elif accepts is bool:
            result[name] = _boolean(f"settings.{name}", value)
        elif accepts is str:
            if value is not None and not isinstance(value, str):
                raise UsageError(f"settings.{name} is not a string")
            result[name] = value
        else:
            result[name] = _choice(f"settings.{name}", value, [str(v) for v in accepts], accepts)
    return replace(base, **result)


def read_request(body: Mapping[str, Any], base: Settings = PLAIN) -> Request:
    """The request of a "speak" object; `base` holds for what its settings leave out.

    Raises UsageError that names the field and what is accepted.
    """
    settings = body.get("settings", {})
    if not isinstance(settings, dict):
        raise UsageError("settings is not an object")
    text = body.get("text")
    if not isinstance(text, str):
        raise UsageError("text is not a string")
    check_length(text)
    names = [p.name.lower() for p in Priority]
    return Request(
        id=read_id(body.get("id")),
        text=text,
        kind=_choice("kind", body.get("kind", "text"), [str(k) for k in Kind], Kind),
        settings=read_settings(settings, base),
        priority=_choice("priority", body.get("priority", "message"), names, lambda name: Priority[name.upper()]),
        private=_boolean("private", body.get("private", False)),
    )


def read_id(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ID:
        raise UsageError(f"id is not a whole number of 0 to {MAX_ID}")
    return value


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise UsageError(f"{name} is not a number")
    return value


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{name} is neither true nor false")
    return value


def _choice(name: str, value: object, accepted: list[str], make: Any) -> Any:
    if not isinstance(value, str) or value not in accepted:
        raise UsageError(f"{name} is not one of {', '.join(accepted)}")
    return make(value)


def event_message(id: int, event: Event) -> dict[str, Any]:
    """The JSON object for an event; audio has a frame of its own (`encode_pcm`)."""
    match event:
        case Begin():
            return {"event": "begin", "id": id}
        case MarkReached(name):
            return {"event": "mark", "id": id, "name": name}
        case WordReached(start, end, sentence):
            return {"event": "word", "id": id, "start": start, "end": end, "sentence": sentence}
        case Icon(path):
            return {"event": "icon", "id": id, "path": path}
        case End():
            return {"event": "end", "id": id}
        case Stopped():
            return {"event": "stopped", "id": id}
        case Paused(mark):
            return {"event": "paused", "id": id, "mark": mark}
        case Failed(reason):
            return {"event": "failed", "id": id, "reason": reason}
    raise ValueError(f"{type(event).__name__} is not sent as JSON")


def read_event(body: Mapping[str, Any]) -> tuple[int, Event] | None:
    """(id, event) of an event object; None for a reply or an event of a newer daemon."""
    try:
        id = int(body["id"])
        match body["event"]:
            case "begin":
                return id, Begin()
            case "mark":
                return id, MarkReached(str(body["name"]))
            case "word":
                return id, WordReached(int(body["start"]), int(body["end"]), bool(body.get("sentence")))
            case "icon":
                return id, Icon(str(body["path"]))
            case "end":
                return id, End()
            case "stopped":
                return id, Stopped()
            case "paused":
                return id, Paused(body.get("mark"))
            case "failed":
                return id, Failed(str(body.get("reason", "")))
    except (KeyError, TypeError, ValueError, OverflowError):
        pass
    return None
