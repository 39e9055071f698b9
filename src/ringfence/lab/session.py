"""An exchange and what is kept of it: the part that every run of the laboratory shares."""

from dataclasses import dataclass, field

import numpy as np

from ringfence.engine.exchange import Exchange, Result
from ringfence.lab.instructions import Commands, join_commands
from ringfence.lab.receipts import Recorder
from ringfence.lab.view import View
from ringfence.rulebook.terms import Rulebook

COMMAND_STEP_NS = 1000


@dataclass
class Session:
    """Stamps commands, runs them, records receipts, and shows agents what happened."""

    rulebook: Rulebook
    start_ns: int
    views: list[View] = field(default_factory=list[View])
    recorder: Recorder = field(default_factory=Recorder)
    exchange: Exchange = field(init=False)

    def __post_init__(self) -> None:
        self.exchange = Exchange(self.rulebook, time_ns=self.start_ns)
        self.recorder.take(self.exchange.genesis_events, np.zeros(0, np.int32))

    def send(self, start_ns: int, room_ns: int, parts: list[Commands]) -> Result:
        """Run the parts one after another, all within `room_ns` from `start_ns` on."""
        commands = join_commands(parts)
        step_ns = min(COMMAND_STEP_NS, room_ns // (len(commands) + 1))
        commands["time_ns"] = start_ns + step_ns * np.arange(len(commands))
        result = self.exchange.run(commands)
        self.recorder.take(result.events, result.reasons)
        for view in self.views:
            view.take_events(result.events)
        return result
