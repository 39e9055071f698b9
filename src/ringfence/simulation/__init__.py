"""Storms of commands against the engine, judged by an auditor that knows only events."""
