"""The core: the framework, the case and the weighing; pure and synchronous."""
