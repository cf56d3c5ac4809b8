"""Pages of the office that prepares a round, and of the administrator who keeps the calendar and the lists."""
