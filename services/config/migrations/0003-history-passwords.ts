export const historyPasswords = {
  id: "0003-history-passwords",
  sql: `
    alter table connector_history add column passwords jsonb not null default '[]';
    comment on column connector_history.passwords is 'Keys of config whose values are never shown.';
    update connector_history h set passwords = c.passwords from connector c where c.name = h.name;
  `,
};
