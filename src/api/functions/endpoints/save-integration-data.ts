// POST save-integration-data: a body of formatted items, planned, guarded and saved like any sync.
import { type Kind, kinds } from '../../../catalog/item.ts';
import { TillsyncError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { saveFormatted } from '../../../sync/save-formatted.ts';
import { failedRunAnswer, heldRunAnswer } from '../error-answer.ts';
import type { EdgeFunction } from '../functions-options.ts';
import { proveConfig } from '../permit-call.ts';
import { parseBody, saveBody } from '../request-bodies.ts';
import { savedAnswer } from '../saved-answer.ts';

export const saveIntegrationData: EdgeFunction = {
  errorCode: 'SAVE_ERROR',
  permission: 'sync',
  maxBody: 64 * 1024 * 1024,
  tooLargeHint:
    'No setting raises this limit. Send the items in parts with mode "merge", which removes nothing; or save them as a file with `tillsync save`, which takes larger ones; or let tillsync fetch the catalog itself with sync-orchestrator.',
  async answer(call) {
    const body = parseBody(saveBody, call.body);
    await proveConfig(call, body.config_id);
    const formattedData: Partial<Record<Kind, Json[]>> = {};
    for (const kind of kinds) {
      const items = body.formatted_data[kind];
      if (items != null) formattedData[kind] = items as Json[];
    }
    if (Object.keys(formattedData).length === 0) throw nothingToSave();
    const metadata = body.metadata ?? {};
    const saved = await saveFormatted(call.deps, {
      configId: body.config_id,
      ...(body.source_id == null ? {} : { sourceId: body.source_id }),
      formattedData,
      metadata: metadata as Record<string, Json>,
      mode: body.mode,
      requestedBy: call.requestedBy,
    });
    if (saved.run.status === 'held') return heldRunAnswer(saved.run);
    return savedAnswer(saved, metadata) ?? failedRunAnswer(saved.run, 'SAVE_ERROR');
  },
};

// Without a kind the save would be a success that saved nothing.
function nothingToSave(): TillsyncError {
  return new TillsyncError('The field formatted_data has no products, modifiers or discounts.', {
    code: 'body_invalid',
    step: 'validation',
    hint: 'Send at least one of them; an empty list says that there are none.',
  });
}
