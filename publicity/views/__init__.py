"""The public site, and the desk from which lists, calls and corrections are published."""
