"""What is offered at one D-Bus object path, as a table, and its introspection XML. Knows no D-Bus library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from html import escape
from typing import Any

from speechd_neural.records import dataclass

Arguments = Mapping[str, str]  # name -> D-Bus type, in order

STANDARD = """\
 <interface name="org.freedesktop.DBus.Introspectable">
  <method name="Introspect"><arg name="xml" type="s" direction="out"/></method>
 </interface>
 <interface name="org.freedesktop.DBus.Peer">
  <method name="Ping"/>
  <method name="GetMachineId"><arg name="machine_uuid" type="s" direction="out"/></method>
 </interface>
 <interface name="org.freedesktop.DBus.Properties">
  <method name="Get">
   <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
   <arg name="value" type="v" direction="out"/>
  </method>
  <method name="GetAll">
   <arg name="interface" type="s" direction="in"/><arg name="values" type="a{sv}" direction="out"/>
  </method>
  <method name="Set">
   <arg name="interface" type="s" direction="in"/><arg name="property" type="s" direction="in"/>
   <arg name="value" type="v" direction="in"/>
  </method>
  <signal name="PropertiesChanged">
   <arg name="interface" type="s"/><arg name="changed" type="a{sv}"/><arg name="invalidated" type="as"/>
  </signal>
 </interface>
"""


@dataclass(frozen=True, slots=True)
class Method:
    """`call(sender, *arguments)` answers at once: it runs on the event loop and must not wait.

    A descriptor (`h`) comes as a number that belongs to the callee once the call returns normally.
    `gives` has no argument or one, which is what the call returns.
    """

    call: Callable[..., Any]
    takes: Arguments = field(default_factory=dict)
    gives: Arguments = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Property:
    """A readable property; `notifies`: every change is announced with its new value."""

    type: str
    read: Callable[[], Any]
    notifies: bool = True


@dataclass(frozen=True, slots=True)
class Interface:
    name: str
    path: str
    methods: Mapping[str, Method] = field(default_factory=dict)
    properties: Mapping[str, Property] = field(default_factory=dict)
    signals: Mapping[str, Arguments] = field(default_factory=dict)

    def xml(self) -> str:
        lines = [f" <interface name={_quoted(self.name)}>"]
        for name, method in self.methods.items():
            lines.append(f"  <method name={_quoted(name)}>")
            lines += _arguments(method.takes, "in")
            lines += _arguments(method.gives, "out")
            lines.append("  </method>")
        for name, arguments in self.signals.items():
            lines.append(f"  <signal name={_quoted(name)}>")
            lines += _arguments(arguments, "")
            lines.append("  </signal>")
        for name, value in self.properties.items():
            lines.append(f"  <property name={_quoted(name)} type={_quoted(value.type)} access=\"read\">")
            emits = "true" if value.notifies else "false"
            lines.append(
                f'   <annotation name="org.freedesktop.DBus.Property.EmitsChangedSignal" value="{emits}"/>'
            )
            lines.append("  </property>")
        lines.append(" </interface>")
        return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    return f'"{escape(value)}"'


def _arguments(arguments: Arguments, direction: str) -> list[str]:
    end = f" direction={_quoted(direction)}/>" if direction else "/>"
    return [f"   <arg name={_quoted(name)} type={_quoted(type_)}{end}" for name, type_ in arguments.items()]


def introspection(path: str, interfaces: Iterable[Interface]) -> str:
    """The XML document for `path`, which may lie above the offered paths: then it names its children."""
    inside = path if path.endswith("/") else path + "/"
    interfaces = list(interfaces)
    here = [interface for interface in interfaces if interface.path == path]
    children = {
        interface.path[len(inside) :].split("/")[0] for interface in interfaces if interface.path.startswith(inside)
    }
    return (
        '<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"\n'
        ' "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">\n<node>\n'
        + (STANDARD if here else "")
        + "".join(interface.xml() for interface in here)
        + "".join(f" <node name={_quoted(child)}/>\n" for child in sorted(children))
        + "</node>\n"
    )
