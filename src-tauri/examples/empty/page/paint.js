let times = 0;
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') document.getElementById('painted').textContent = String(++times);
});
