"""Runs on their way: queue, schedule, take-over. The only room that knows DBOS.

DBOS carries the work, our tables hold the truth: a workflow that is lost, repeated or
forgotten harms nothing, because `flow.advance` reads where a run stands from the tables.
"""
