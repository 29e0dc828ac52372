// Sets light or dark and the language before the first paint, so that nothing flashes.
{
  const chosen = localStorage.getItem('tillsync.look');
  const isDark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = isDark ? 'dark' : 'light';
  document.documentElement.lang = localStorage.getItem('tillsync.language') ?? 'en';
}
