"""What is written in English, to the words that are spoken; `tokens` is the way in."""
