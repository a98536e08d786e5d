"""What is released, for readers outside the rooms: as CSAF 2.1, as Markdown, as PDF."""
