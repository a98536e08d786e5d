"""The store: tables, the unit of work, migrations."""
