"""Alembic's entry: online only, one transaction a migration, short lock timeout."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from storage.tables import metadata

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None
engine = create_engine(url, poolclass=pool.NullPool)

with engine.connect() as connection:
    connection.execute(text("set lock_timeout = '4s'"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, compare_type=True,
                      transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
