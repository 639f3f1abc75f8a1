"""Teams and its SDK: the only place that knows either; everything else sees turns and messages."""
