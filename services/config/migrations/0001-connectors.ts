export const connectors = {
  id: "0001-connectors",
  sql: `
    create table connector (
      name text primary key,
      config jsonb not null,
      version int not null,
      target_state text not null,
      tasks_version int not null,
      tasks_config_version int not null,
      tasks jsonb not null,
      revision bigint not null unique,
      deleted boolean not null
    );
    comment on column connector.deleted is 'A tombstone: its versions go on when the name comes back.';

    create table connector_history (
      name text not null,
      version int not null,
      config jsonb not null,
      author text,
      at timestamptz not null,
      primary key (name, version)
    );
    comment on table connector_history is 'Every accepted config write, the latest 1000 of a connector.';

    create table config_revision (
      one boolean primary key default true check (one),
      revision bigint not null
    );
    comment on table config_revision is 'One row: the revision of the latest change. Every write locks it.';
    insert into config_revision (revision) values (0);
  `,
};
