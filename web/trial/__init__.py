"""A draft tried on the real engine: a throw-away space with its own database, clock, mailbox and files.

`space` makes, keeps and sweeps the spaces, `walk` takes one step in one and goes back, `cards` says what waits and what
can be done to it, `told` writes the way walked down as a scenario. The pages are in `web/studio/trial_*.py`; why it is
built so: docs/adr/0009-trial-spaces.md.
"""
