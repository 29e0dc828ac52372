// Starts the web UI in the page that the server sent.
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './look/mantine-styles.ts';
import './look/look.css';
import './look/parts.css';
import './look/edit.css';
import './look/detail.css';
import './look/shell.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { pageNonce } from './look/page-nonce.ts';
import { lookStore, theme } from './look/theme.ts';
import { openQueries } from './queries/open-queries.ts';
import { openRouter } from './router.tsx';

const root = document.querySelector('#root');
if (root === null) throw new Error('the page has no #root');

const router = openRouter();
const queries = openQueries();

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={lookStore}
      getStyleNonce={() => pageNonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
