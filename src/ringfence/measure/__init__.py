"""What follows from terms and events in closed form: pure functions, floats allowed."""
