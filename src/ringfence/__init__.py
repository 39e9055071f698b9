"""An exchange for staking, derivatives and copy trading that can be read, run and stressed."""

__version__ = "0.1.0"
