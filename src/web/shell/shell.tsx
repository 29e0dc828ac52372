// The desk around every page: navigation, what needs attention everywhere, and what the keyboard can do.
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { Session } from '../api-types.ts';
import { Icon } from '../look/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { useRunToasts } from '../parts/run/use-run-toasts.ts';
import { Toasts } from '../parts/toasts.tsx';
import { useNowStream } from '../queries/now-stream.ts';
import { useSession } from '../queries/session.ts';
import { useWords } from '../words/words.ts';
import { AccountMenu } from './account-menu.tsx';
import { Help } from './help.tsx';
import { Navigation } from './navigation.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { Palette } from './palette.tsx';
import { Preferences } from './preferences.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const LinkPage = lazy(async () => ({ default: (await import('../pages/sign-in/link-page.tsx')).LinkPage }));
const EnrolPage = lazy(async () => ({ default: (await import('../pages/sign-in/enrol-page.tsx')).EnrolPage }));
const SignInPage = lazy(async () => ({ default: (await import('../pages/sign-in/sign-in-page.tsx')).SignInPage }));
const CodePage = lazy(async () => ({ default: (await import('../pages/sign-in/sign-in-page.tsx')).CodePage }));

export function Shell(): ReactNode {
  const session = useSession();
  if (session.error !== null) {
    return (
      <main className="alone">
        <Problem error={session.error} onRetry={session.refetch} />
      </main>
    );
  }
  return (
    <Suspense>
      <Door session={session.data} />
    </Suspense>
  );
}

/** Which page stands before the desk, if any; where somebody was when a session ended, he is after signing in. */
function Door({ session }: { session: Session | null | undefined }): ReactNode {
  const { pathname } = useLocation();
  const wasIn = useRef(false);
  if (pathname === '/link') return <LinkPage />;
  if (session === undefined) return null;
  if (session === null) return <SignInPage isExpired={wasIn.current} />;
  if (session.needs === 'second_factor') return <CodePage />;
  if (session.needs === 'enrolment') return <EnrolPage />;
  wasIn.current = true;
  return <Desk />;
}

type Dialog = 'palette' | 'help' | null;

function Desk(): ReactNode {
  const words = useWords();
  const [dialog, setDialog] = useState<Dialog>(null);
  useShortcuts({ onPalette: () => setDialog('palette'), onHelp: () => setDialog('help') });
  const page = useRef<HTMLElement>(null);
  useFocusOnNewPage(page);
  useNowStream();
  useRunToasts();
  return (
    <div className="desk">
      <a className="skip" href="#page">
        {words.app.skip}
      </a>
      <Side onPalette={() => setDialog('palette')} onHelp={() => setDialog('help')} />
      <main id="page" ref={page} tabIndex={-1}>
        <OfflineBanner />
        <Outlet />
      </main>
      <Toasts />
      <Palette isOpen={dialog === 'palette'} onClose={() => setDialog(null)} />
      <Help isOpen={dialog === 'help'} onClose={() => setDialog(null)} />
    </div>
  );
}

/** After a change of the page a screen reader goes on at its top, not where the old link was. */
function useFocusOnNewPage(page: React.RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current === pathname) return;
    last.current = pathname;
    page.current?.focus({ preventScroll: true });
  }, [page, pathname]);
}

interface SideProps {
  onPalette(): void;
  onHelp(): void;
}

function Side({ onPalette, onHelp }: SideProps): ReactNode {
  const words = useWords();
  const isMac = navigator.platform.startsWith('Mac');
  return (
    <header className="side">
      <Link to="/" className="mark">
        <img src="/mark.svg" width={22} height={22} alt="" />
        tillsync
      </Link>
      <button type="button" className="find" onClick={onPalette}>
        <span className="hidden">{words.app.search}</span>
        <Icon name="search" size={14} />
        <span className="find-text" aria-hidden="true">
          {words.app.search}
        </span>
        <kbd>{isMac ? '⌘' : 'Ctrl'} K</kbd>
      </button>
      <Navigation />
      <div className="side-foot">
        <button type="button" className="quiet" onClick={onHelp} aria-label={words.app.help}>
          <Icon name="help" />
        </button>
        <Preferences />
        <AccountMenu />
        <a className="small soft side-api" href="/api/docs">
          {words.app.apiDocs}
        </a>
      </div>
    </header>
  );
}
