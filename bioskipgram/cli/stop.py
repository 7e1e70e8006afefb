"""A request to stop, by a signal."""

import signal


class StopRequest:
    """Turns SIGINT and SIGTERM into a flag, so that the model is saved.

    A second SIGINT ends the program at once.
    """

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
