// Unpacks the browser of the npm package, and the libraries that it needs beside
// the C library, into chromium/, and leaves nothing of them packed.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

import { extract } from "tar-fs";

const packed = "node_modules/@sparticuz/chromium/bin";
const unpack = (name, to) => pipeline(createReadStream(`${packed}/${name}`), createBrotliDecompress(), to);

await mkdir("chromium");
await unpack("chromium.br", createWriteStream("chromium/chromium", { mode: 0o755 }));
await unpack("al2023.tar.br", extract("chromium"));
await rm(packed, { recursive: true });
