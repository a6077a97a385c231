"""A small window for the screen reader to read: run by the system's Python, which has GTK."""

import gi

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # noqa: E402

window = Gtk.Window(title="Letter")
window.connect("destroy", Gtk.main_quit)
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
entry = Gtk.Entry()
box.add(entry)
box.add(Gtk.CheckButton(label="Keep a copy"))
box.add(Gtk.Button(label="Send it"))
window.add(box)
window.show_all()
window.present()
entry.grab_focus()
Gtk.main()
