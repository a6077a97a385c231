"""What comes from files, clients and other programs, changed at random: nothing may crash, hang or grow without limit."""
