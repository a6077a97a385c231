"""Words to phones; `pronouncer` is the way in."""
