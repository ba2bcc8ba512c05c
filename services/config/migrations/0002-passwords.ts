export const passwords = {
  id: "0002-passwords",
  sql: `
    alter table connector add column passwords jsonb not null default '[]';
    comment on column connector.passwords is 'Keys of config whose values are never shown.';
  `,
};
