// Which history of the database this is: the cluster and its timeline, as seen by who connected last.
// Why: a promoted standby or a restored backup may lack what was committed last, and its sequences then give numbers a second time that customers
// have seen already. The row tells the first who connects that it is so (src/store/lineage.ts).

export const up = `
create table lineage (
  one  boolean primary key default true check (one),
  name text not null
);
`;

export const down = `
drop table lineage;
`;
