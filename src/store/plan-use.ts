// How many cases each customer has opened under a plan of late, for the number above which a plan's "within reasonable limits" is spoken of.
import type { Instant } from '../clock.ts';
import { rows, type Db } from './db.ts';

/** More cases under one plan than its number; `holder` is the account, or the requester who has none. */
export interface PlanUse {
  holder: string;
  plan: string;
  cases: number;
  limit: number;
  /** The newest of them. */
  caseNumber: number;
}

/** Days that are looked back on (the policy: `warnAboveCases`). */
export const useDays = 30;
const foundMax = 100;

/** Who is above the number of a plan at `now` and was not spoken of in these days; spam and duplicates do not count. */
export async function overused(
  db: Db,
  limits: readonly { plan: string; limit: number }[],
  now: Instant,
): Promise<PlanUse[]> {
  return rows<PlanUse>(
    db,
    `with lately as (
       select *, coalesce(account, requester) as holder from cases
       where submitted_at > :since and submitted_at <= :now and coalesce(close_reason, '') not in ('spam', 'duplicate')),
     used as (select holder, account is null as alone, plan, count(*) as opened, max(number) as newest from lately group by 1, 2, 3)
     select holder, used.plan, opened as cases, allowed.most as "limit", newest as "caseNumber"
     from used join unnest(cast(:plans as text[]), cast(:most as integer[])) as allowed (plan, most)
       on allowed.plan = used.plan and opened > allowed.most
     where not exists (
       select 1 from cases join entries on entries.case_number = cases.number
       where coalesce(cases.account, cases.requester) = used.holder and (cases.account is null) = used.alone and cases.plan = used.plan
         and entries.reason = 'plan-overused' and entries.at > :since)
     order by newest limit :foundMax`,
    {
      since: now.subtract({ hours: useDays * 24 }),
      now,
      plans: limits.map(({ plan }) => plan),
      most: limits.map(({ limit }) => limit),
      foundMax,
    },
  );
}
