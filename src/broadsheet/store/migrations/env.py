"""Run by Alembic: takes the steps on the connection that `broadsheet.store.migrate` hands over, in its transaction."""

from alembic import context

from broadsheet.store.schema import metadata
from broadsheet.store.version import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
