"""Run by Alembic alone, inside the transaction that `storage.engine.upgrade` has opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
