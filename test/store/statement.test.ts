// Named bindings in their places, and which statements are prepared.
import { describe, expect, it } from 'vitest';
import { statementOf } from '../../src/store/statement.ts';

describe('a statement', () => {
  it.each([
    ['select :a, :b', { a: 1, b: 'x' }, 'select $1, $2', [1, 'x']],
    ['select :a, cast(:a as text)', { a: 1 }, 'select $1, cast($2 as text)', [1, 1]],
    [
      "select id::text, ':09:00' from t where id = :id",
      { id: 7 },
      "select id::text, ':09:00' from t where id = $1",
      [7],
    ],
    [
      'select make_interval(secs => :secs), :none',
      { secs: 5, none: undefined },
      'select make_interval(secs => $1), $2',
      [5, undefined],
    ],
    ['select :a, :A', { a: 1 }, 'select $1, :A', [1]],
  ])('%s has its bindings in their places', (sql, bindings, text, values) => {
    expect(statementOf(sql, bindings, true)).toMatchObject({ text, values });
  });
  it('has one name for one text, and another for another', () => {
    const name = (sql: string) => statementOf(sql, { a: 1 }, true).name;
    expect(name('select :a + 1')).toBe(name('select :a + 1'));
    expect(name('select :a + 1')).not.toBe(name('select :a + 2'));
  });
  it('that only changes the schema, or where nothing is prepared, has none', () => {
    expect(statementOf('create table x (); create table y ()', {}, true)).toEqual({
      text: 'create table x (); create table y ()',
      values: [],
    });
    expect(statementOf('select :a', { a: 1 }, false)).not.toHaveProperty('name');
    expect(statementOf('select 1', {}, true)).toHaveProperty('name');
  });
});
