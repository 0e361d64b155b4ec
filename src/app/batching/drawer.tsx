export function DrawerPanel() {
  return null;
}
