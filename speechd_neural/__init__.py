"""A neural voice for the Linux desktop."""

__version__ = "0.1.0"
