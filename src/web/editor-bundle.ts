// A program of its own: bundles the editor's browser side and writes it to standard output as JSON, `{ "page": …, "frame": … }`. It runs beside the
// gateway and ends, so that nothing of a bundler stays in the process that carries mail.
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const [page, frame] = await Promise.all(['page', 'frame'].map(bundled));
process.stdout.write(JSON.stringify({ page, frame }));

async function bundled(name: string): Promise<string> {
  const input = fileURLToPath(new URL(`editor/${name}.ts`, import.meta.url));
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false });
  return output[0].code;
}
