// The page at an address where there is none.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty, PageHead } from '../parts/page-parts.tsx';
import { useWords } from '../words/words.ts';

export function NotFound(): ReactNode {
  const { notFound } = useWords();
  return (
    <>
      <PageHead title="404" />
      <Empty
        icon="search"
        title={notFound.title}
        action={
          <Button component={Link} to="/">
            {notFound.home}
          </Button>
        }
      >
        {notFound.text}
      </Empty>
    </>
  );
}
