// Deleting a recipe: asked once more, and refused with the names of the integrations that use it.
import { Button, Modal } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { StoredRecipe } from '../../api-types.ts';
import { Problem } from '../../parts/problem.tsx';
import { toast } from '../../parts/toasts.tsx';
import { useChange } from '../../queries/calls.ts';
import { useWords } from '../../words/words.ts';

export function RemoveRecipe({ id }: { id: string }): ReactNode {
  const { recipe: words, app } = useWords();
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const remove = useChange<StoredRecipe>();
  const go = () =>
    remove.mutate(
      { path: `/recipes/${encodeURIComponent(id)}`, method: 'DELETE' },
      {
        onSuccess: () => {
          toast('green', words.removed(id));
          void navigate({ to: '/connectors' });
        },
      },
    );
  return (
    <>
      <Button variant="subtle" color="gray" onClick={() => setOpen(true)}>
        {words.remove}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={words.removeTitle(id)}
        closeButtonProps={{ 'aria-label': app.close }}
      >
        <div className="form">
          <p>{words.removeText}</p>
          {remove.error === null ? null : <Problem error={remove.error} />}
          <div className="decide">
            <Button color="red" loading={remove.isPending} onClick={go}>
              {words.removeButton}
            </Button>
            <Button variant="default" onClick={() => setOpen(false)}>
              {app.cancel}
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
