create table i (id int primary key, code text not null, v text);
create unique index i_code on i(code);
alter table i replica identity using index i_code;
insert into i values (1,'c1','v');
