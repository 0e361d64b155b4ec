// A static file server for the built site, under a sub-path, as any host would serve it: no headers that
// the site could come to depend on, no fallback to index.html.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export interface Site {
  /** `http://localhost:PORT/some/where/` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves `folder` below `path` (with slashes at both ends) on a free port. */
export async function serve(folder: string, path = '/some/where/'): Promise<Site> {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const inside = asked.startsWith(path) ? normalize(asked.slice(path.length) || 'index.html') : '..';
    const send = async (): Promise<void> => {
      if (inside.startsWith('..')) throw new Error('outside');
      const body = await readFile(join(folder, inside));
      response.writeHead(200, { 'content-type': types[extname(inside)] ?? 'application/octet-stream' });
      response.end(body);
    };
    send().catch(() => {
      response.writeHead(404);
      response.end('not here');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://localhost:${port}${path}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
