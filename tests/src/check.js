// The rules a picture of the screen must keep: nothing cut, nothing small, nothing pale. Answers a list of what breaks them.
(()=>{const out=[];const app=document.querySelector('.app');
const vis=e=>{const r=e.getBoundingClientRect();return r.width>0&&r.height>0&&getComputedStyle(e).visibility!=='hidden'};
const parse=c=>{const m=c.match(/[\d.]+/g).map(Number);return [m[0],m[1],m[2],m[3]===undefined?1:m[3]]};
const lum=c=>{const f=c.slice(0,3).map(v=>{v/=255;return v<=.03928?v/12.92:((v+.055)/1.055)**2.4});return .2126*f[0]+.7152*f[1]+.0722*f[2]};
const bg=e=>{let stack=[];for(let n=e;n;n=n.parentElement){const c=parse(getComputedStyle(n).backgroundColor);if(c[3]>0){stack.push(c);if(c[3]>=1)break}}let b=[255,255,255];for(const c of stack.reverse())b=b.map((v,i)=>v*(1-c[3])+c[i]*c[3]);return b};
const page=document.scrollingElement;const stacked=innerWidth<=900;if((!stacked&&page.scrollHeight>innerHeight+1)||page.scrollWidth>innerWidth+1)out.push('PAGE SCROLL '+page.scrollWidth+'x'+page.scrollHeight);
// the design lets the settings scroll inside, with 14 px for captions
const settings=!!document.querySelector('[data-screen=settings]');const rolls=e=>settings&&!!e.closest('.page-b');
const W=document.createTreeWalker(app,NodeFilter.SHOW_TEXT);const seen=new Set();let n;
while(n=W.nextNode()){const t=n.textContent.trim();if(!t)continue;const e=n.parentElement;if(!vis(e)||e.closest('.vh'))continue;const cs=getComputedStyle(e);const fs=parseFloat(cs.fontSize);
 const r=document.createRange();r.selectNodeContents(n);const b=r.getBoundingClientRect();if(e.closest('.paper-bed'))continue;
 if(b.width===0)continue;
 // clipped?
 for(let p=e;p&&p!==app.parentElement;p=p.parentElement){const ps=getComputedStyle(p);if(ps.overflowX!=='visible'||ps.overflowY!=='visible'){const pb=p.getBoundingClientRect();if((b.right>pb.right+1.5||b.bottom>pb.bottom+5||b.left<pb.left-1.5||b.top<pb.top-5)&&!p.hasAttribute('data-clip')&&!p.matches('.chips')){if(p.matches('.lines')||(settings&&p.matches('.page-b')&&b.right<=pb.right+1.5&&b.left>=pb.left-1.5))break;if(p.closest('.paper-bed')||p.matches('.paper'))continue;out.push('CLIP "'+t.slice(0,40)+'" by .'+p.className+` (${Math.round(b.right-pb.right)},${Math.round(b.bottom-pb.bottom)})`);break}}}
 if((b.right>innerWidth+1&&!e.closest('.chips'))||(!stacked&&!rolls(e)&&b.bottom>innerHeight+1))out.push('OFFSCREEN "'+t.slice(0,40)+'"');
 if(!settings&&fs<16&&!e.closest('.paper'))out.push('SMALL '+fs+' "'+t.slice(0,30)+'"');
 if(fs<13)out.push('TINY '+fs+' "'+t.slice(0,30)+'"');
 let fg=parse(cs.color);const B=bg(e);let op=1;for(let p=e;p;p=p.parentElement)op*=parseFloat(getComputedStyle(p).opacity);const a=fg[3]*op;fg=fg.slice(0,3).map((v,i)=>v*a+B[i]*(1-a));
 const L1=lum(fg),L2=lum(B);const ratio=(Math.max(L1,L2)+.05)/(Math.min(L1,L2)+.05);const big=fs>=24||(fs>=18.66&&+cs.fontWeight>=700);const dis=e.closest('[disabled],[aria-disabled=true]');
 if(ratio<(big?3:4.5)&&!dis){const key=e.className+cs.color+Math.round(ratio*10);if(!seen.has(key)){seen.add(key);out.push('CONTRAST '+ratio.toFixed(2)+' "'+t.slice(0,30)+'" .'+e.className+' in .'+(e.parentElement?.className||''))}}
}
// boxes that hold overlapping controls
const ctl=[...app.querySelectorAll('button,.inp,.chip,a')].filter(vis);
for(const e of ctl){const r=e.getBoundingClientRect();if(e.matches('button,a,.chip')&&(r.height<43.5||r.width<43.5))out.push('TARGET '+Math.round(r.width)+'x'+Math.round(r.height)+' "'+e.textContent.trim().slice(0,20)+'" .'+e.className);if(e.matches('.pay')&&r.height<72)out.push('PAYKEY '+r.height);if(e.scrollWidth>e.clientWidth+1&&!e.matches('.key'))out.push('OVER-X "'+e.textContent.trim().slice(0,28)+'" .'+e.className+' '+e.scrollWidth+'>'+e.clientWidth);if(e.scrollHeight>e.clientHeight+1)out.push('OVER-Y "'+e.textContent.trim().slice(0,28)+'" .'+e.className+' '+e.scrollHeight+'>'+e.clientHeight);
 let clip=false;for(let p=e.parentElement;p&&p!==app;p=p.parentElement){const ps=getComputedStyle(p);if(ps.overflow==='hidden'&&!p.matches('.chips,.paper-bed')&&!p.hasAttribute('data-clip')){const pb=p.getBoundingClientRect();if(r.right>pb.right+1||r.bottom>pb.bottom+1)clip=p}}if(clip)out.push('CLIPPED CONTROL "'+e.textContent.trim().slice(0,24)+'" by .'+clip.className);}
return [...new Set(out)];})()
