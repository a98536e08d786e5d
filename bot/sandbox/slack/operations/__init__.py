"""What can be done with a workspace: each module holds the operations of one kind."""
