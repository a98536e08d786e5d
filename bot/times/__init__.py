"""When things happen: reading times as people type them, and when they come again. All pure."""
