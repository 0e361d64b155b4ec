// Which safetensors files make up a model: those that the index lists, or all there are; and the tensors in them,
// each where the index says.

import { ok, type Result } from '../core/result.ts';
import { badCheckpoint, type CheckpointFailure, downloadAgain, readJson } from './checkpoint-file.ts';
import { readHeader, type StoredTensor } from './safetensors.ts';
import { show } from './strict-json.ts';

const INDEX = 'model.safetensors.index.json';
const wholeFolder = 'Give the whole folder of the model.';

/** The file of each tensor, by its name. */
type Places = ReadonlyMap<string, string>;

/** Reads the headers of all shards. Where there is an index, files that it does not list are not read. */
export async function readShards(
  files: ReadonlyMap<string, Blob>,
): Promise<Result<ReadonlyMap<string, StoredTensor>, CheckpointFailure>> {
  const index = files.get(INDEX);
  const places = index ? await readIndex(index) : ok(undefined);
  if (!places.ok) return places;
  const shards = places.value
    ? [...new Set(places.value.values())]
    : [...files.keys()].filter((name) => name.endsWith('.safetensors'));
  if (shards.length === 0)
    return badCheckpoint('There is no .safetensors file beside config.json.', wholeFolder);
  const tensors = new Map<string, StoredTensor>();
  for (const shard of shards.sort()) {
    const blob = files.get(shard);
    if (!blob) return badCheckpoint(`The shard ${shard} is not among the files.`, wholeFolder);
    const header = await readHeader(shard, blob);
    if (!header.ok) return header;
    for (const tensor of header.value) {
      const twin = tensors.get(tensor.name);
      if (twin)
        return badCheckpoint(
          `Tensor ${tensor.name} is in ${twin.file} and in ${shard}.`,
          'Give one model at a time.',
        );
      tensors.set(tensor.name, tensor);
    }
  }
  const misplaced = places.value ? comparePlaces(tensors, places.value) : ok(true);
  return misplaced.ok ? ok(tensors) : misplaced;
}

async function readIndex(blob: Blob): Promise<Result<Places, CheckpointFailure>> {
  const read = await readJson(INDEX, blob);
  if (!read.ok) return read;
  const { weight_map: map } = (read.value ?? {}) as { readonly weight_map?: unknown };
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    return badCheckpoint(`${INDEX} has no weight_map.`, downloadAgain);
  const places = new Map<string, string>();
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || file.includes('/') || !file.endsWith('.safetensors'))
      return badCheckpoint(
        `${INDEX}: weight_map places tensor ${tensor} in ${show(file)}.`,
        'It must be a .safetensors file of the same folder.',
      );
    places.set(tensor, file);
  }
  return places.size > 0 ? ok(places) : badCheckpoint(`${INDEX}: weight_map lists no tensor.`, downloadAgain);
}

/** Every tensor must be in the file that the index names, and every one that it names must be there. */
function comparePlaces(
  tensors: ReadonlyMap<string, StoredTensor>,
  places: Places,
): Result<true, CheckpointFailure> {
  const hint = 'The files are not of one model; download them again.';
  for (const { name, file } of tensors.values()) {
    const place = places.get(name);
    if (place !== file)
      return badCheckpoint(
        `Tensor ${name} is in ${file}; ${INDEX} ${place ? `places it in ${place}` : 'does not list it'}.`,
        hint,
      );
  }
  for (const [name, file] of places)
    if (!tensors.has(name))
      return badCheckpoint(`Tensor ${name} is not in ${file}, where ${INDEX} places it.`, hint);
  return ok(true);
}
