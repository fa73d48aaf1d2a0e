// What happens while an admin types: the text is checked and rendered by the server a moment after the last key, and the page shows its problems and
// what the letter would look like. One request at a time: a newer text puts an older question away.

/** A problem of the text; line and column from 1. */
export interface Problem {
  line: number;
  column: number;
  length?: number;
  message: string;
}

/** The server's answer to a text. `preview` is null when it can not be rendered; `caseProblem` says why a case could not be taken for it. */
export interface Checked {
  problems: Problem[];
  preview: { subject: string; text: string; html: string } | null;
  caseProblem: string;
}

/** How long nothing is typed before the text is checked. */
const quietMs = 350;

/** Posts the form as it stands to `address` and gives the JSON answer; throws what to tell the person. */
export async function posted<Answer>(form: HTMLFormElement, address: string, signal?: AbortSignal): Promise<Answer> {
  const fields = [...new FormData(form)].filter((field): field is [string, string] => typeof field[1] === 'string');
  const response = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { accept: 'application/json' },
    // A sign-in page is no answer; what is typed stays where it is.
    redirect: 'error',
    ...(signal ? { signal } : {}),
  });
  if (response.headers.get('content-type')?.startsWith('application/json')) return (await response.json()) as Answer;
  throw new Error(response.status === 429 ? 'too many requests; wait a moment' : `the server said ${response.status}`);
}

/** Gives a function to call with each change; `show` gets the answer to the newest text, `fail` why there is none. */
export function checking(
  form: HTMLFormElement,
  address: string,
  show: (checked: Checked) => void,
  fail: (why: string) => void,
): (at?: 'now') => void {
  let timer = 0;
  let asked = new AbortController();
  const ask = async () => {
    asked.abort();
    const mine = (asked = new AbortController());
    try {
      show(await posted<Checked>(form, address, mine.signal));
    } catch (error) {
      if (!mine.signal.aborted)
        fail(
          error instanceof TypeError ? 'the server does not answer, or you were signed out' : (error as Error).message,
        );
    }
  };
  return (at) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), at === 'now' ? 0 : quietMs);
  };
}
