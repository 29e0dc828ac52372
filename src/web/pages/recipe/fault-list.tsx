// What is wrong with the text, each with its line: pressing one goes there.
import type { ReactNode } from 'react';
import type { RecipePreview } from '../../api-types.ts';
import { Icon } from '../../look/icon.tsx';
import { useWords } from '../../words/words.ts';

interface FaultsProps {
  faults: RecipePreview['faults'];
  isChecking: boolean;
  draft: string | null;
  onGo(line: number): void;
}

export function FaultList({ faults, isChecking, draft, onGo }: FaultsProps): ReactNode {
  const { recipe: words } = useWords();
  return (
    <div className="faults">
      <p role="status" className={`faults-sum ${faults.length > 0 ? 'ink-red' : isChecking ? 'soft' : 'ink-green'}`}>
        <Icon name={faults.length > 0 ? 'alert' : isChecking ? 'dot' : 'check'} />
        {faults.length > 0 ? words.faults(faults.length) : isChecking ? words.checking : words.good}
      </p>
      {draft === null ? null : <p className="note">{words.draft(draft)}</p>}
      {faults.length === 0 ? null : (
        <ol className="fault-rows" aria-label={words.faults(faults.length)}>
          {faults.map((fault, index) => (
            <li key={`${fault.line} ${fault.column} ${fault.where} ${fault.problem}`}>
              <button type="button" className="fault" onClick={() => onGo(fault.line)}>
                <span className="fault-line">{words.line(fault.line)}</span>
                <span>
                  {fault.where === '' ? null : <code className="fault-where">{fault.where}</code>} {fault.problem}
                  {/* The same advice once. */}
                  {fault.fix === faults[index - 1]?.fix ? null : <span className="under">{fault.fix}</span>}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
