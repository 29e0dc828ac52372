// A field for code: line numbers, marked lines, indenting by Tab, and a way out by keyboard.
import { type ChangeEvent, type KeyboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef } from 'react';

interface CodeProps {
  label: string;
  /** Told below it, e.g. how the keyboard leaves it. */
  hint: string;
  value: string;
  /** Lines from 1 that are wrong. */
  marked: readonly number[];
  field: RefObject<HTMLTextAreaElement | null>;
  isReadOnly?: boolean;
  onChange(text: string): void;
  onSave(): void;
}

// As look/recipe.css has them, in pixels.
const lineHeight = 20;
const padding = 12;

export function CodeField({
  label,
  hint,
  value,
  marked,
  field,
  isReadOnly = false,
  onChange,
  onSave,
}: CodeProps): ReactNode {
  const id = useId();
  const rail = useRef<HTMLDivElement>(null);
  const onKeyDown = useCodeKeys(onSave);
  const lines = value.split('\n').length;
  const wrong = new Set(marked);
  const follow = () => {
    // What lies beside and behind the text goes along with it.
    if (field.current !== null) rail.current?.style.setProperty('--scrolled', `${-field.current.scrollTop}px`);
  };
  useEffect(follow);
  return (
    <div className="code-field" ref={rail}>
      <label className="hidden" htmlFor={id}>
        {label}
      </label>
      <div className="code-rail" aria-hidden="true">
        <div className="code-numbers">
          {Array.from({ length: lines }, (_, index) => index + 1).map((line) => (
            <span key={line} className={wrong.has(line) ? 'code-number wrong' : 'code-number'}>
              {line}
            </span>
          ))}
        </div>
      </div>
      <div className="code-bands" aria-hidden="true">
        {[...wrong].map((line) => (
          <span key={line} className="code-band" style={{ top: padding + (line - 1) * lineHeight }} />
        ))}
      </div>
      <textarea
        id={id}
        ref={field}
        className="code-text"
        value={value}
        readOnly={isReadOnly}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        wrap="off"
        aria-describedby={`${id}-hint`}
        aria-invalid={marked.length > 0}
        onChange={(event: ChangeEvent<HTMLTextAreaElement>) => onChange(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onScroll={follow}
      />
      <p id={`${id}-hint`} className="code-hint soft small">
        {hint}
      </p>
    </div>
  );
}

/** Puts the cursor at a line and shows it. */
export function goToLine(field: HTMLTextAreaElement, line: number): void {
  const start = field.value
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, each) => sum + each.length + 1, 0);
  const end = field.value.indexOf('\n', start);
  field.focus();
  field.setSelectionRange(start, end === -1 ? field.value.length : end);
  field.scrollTop = Math.max(0, (line - 1) * lineHeight - field.clientHeight / 2);
}

/** Tab indents and Shift+Tab takes it back; after Esc both go on to the next and the last field, as everywhere else. */
function useCodeKeys(onSave: () => void): (event: KeyboardEvent<HTMLTextAreaElement>) => void {
  const isLeaving = useRef(false);
  return (event) => {
    const { key, currentTarget: field } = event;
    if ((event.ctrlKey || event.metaKey) && key === 's') {
      event.preventDefault();
      onSave();
      return;
    }
    if (key === 'Escape') {
      isLeaving.current = true;
      return;
    }
    const leaves = isLeaving.current;
    if (key !== 'Shift') isLeaving.current = false;
    if (field.readOnly || event.altKey || event.ctrlKey || event.metaKey) return;
    if (key === 'Tab' && !leaves) {
      if (indent(field, event.shiftKey)) event.preventDefault();
    } else if (key === 'Enter') {
      event.preventDefault();
      put(`\n${/^[ ]*(?:- )?/.exec(lineAt(field))?.[0].replace('-', ' ') ?? ''}`);
    }
  };
}

function lineAt({ value, selectionStart }: HTMLTextAreaElement): string {
  return value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
}

/** Whether it did: where there is nothing to take back, Shift+Tab leaves the field. */
function indent(field: HTMLTextAreaElement, isBack: boolean): boolean {
  const { value, selectionStart, selectionEnd } = field;
  const spansLines = value.slice(selectionStart, selectionEnd).includes('\n');
  if (!isBack && !spansLines) {
    put('  ');
    return true;
  }
  const begin = value.lastIndexOf('\n', selectionStart - 1) + 1;
  const found = value.indexOf('\n', Math.max(selectionStart, selectionEnd - 1));
  const end = found === -1 ? value.length : found;
  const lines = value.slice(begin, end);
  const moved = isBack ? lines.replace(/^ {1,2}/gm, '') : lines.replace(/^(?=.)/gm, '  ');
  if (moved === lines) return false;
  field.setSelectionRange(begin, end);
  put(moved);
  if (spansLines) field.setSelectionRange(begin, begin + moved.length);
  return true;
}

/** Types a text as a person would, so that Undo takes it back. */
function put(text: string): void {
  document.execCommand('insertText', false, text);
}
