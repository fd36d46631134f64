// One trial of a draft: the diagram where there is one, and the look of the cards beside it.
import '../css/studio.css';
import '../css/trial.css';

if (document.getElementById('diagrama')) await import('./diagram.js');
