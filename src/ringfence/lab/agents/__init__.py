"""Behaviours, one a file: each turns a view of the venue into one second's commands."""
