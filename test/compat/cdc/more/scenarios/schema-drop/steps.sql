insert into a values (40,'x',1);
-- @quiet
alter table a drop column v;
insert into a values (41,2);
-- @quiet
alter table a rename column n to m;
insert into a values (42,3);
-- @quiet
alter table a alter m type text;
insert into a values (43,'txt');
-- @quiet
alter table b add column w int not null default 7;
update b set v='q';
-- @quiet
alter table b drop constraint b_pkey;
insert into b values (50,'nokey');
-- @quiet
alter table b add primary key (id,w);
insert into b values (51,'key2');
-- @quiet
alter table b rename to b2;
insert into b2 values (52,'ren');
-- @quiet
create table fresh (id serial primary key, v text default 'dv');
insert into fresh default values;
