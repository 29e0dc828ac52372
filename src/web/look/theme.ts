// How Mantine's components look here, and where the choice of light or dark is kept.
import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#effcf9',
  '#d3f5ee',
  '#a8e9dd',
  '#74d8c8',
  '#3fbfae',
  '#1fa394',
  '#128076',
  '#0f6f66',
  '#0d5a54',
  '#0a403d',
];

/** One accent, small radii, Inter for text, and JetBrains Mono for numbers and ids. */
export const theme = createTheme({
  colors: { teal },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm', fw: 500 } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end' } },
    Tooltip: { defaultProps: { openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    // Their heads are no banner of the page.
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    Modal: {
      defaultProps: {
        attributes: { header: { role: 'presentation' } },
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
      },
    },
  },
});

export const lookStore = localStorageColorSchemeManager({ key: 'tillsync.look' });
